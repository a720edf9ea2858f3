import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { guideFiles } from '../../src/edge/guides.ts'
import { newFolder } from '../cli/running.ts'
import { PROFILES } from '../guides.ts'

it('the guides of the project are found, and what else lies there is none', () => {
  const names = guideFiles([PROFILES]).map(({ name }) => name)
  expect(names).toContain('ips-2.0.0.json')
  expect(names).not.toContain('manifest.json')
})

it('a guide of a deployment takes the place of one of the same name, and others come beside', () => {
  const folder = newFolder()
  mkdirSync(join(folder, 'guides'))
  writeFileSync(join(folder, 'guides', 'ips-2.0.0.json'), '{"name":"mine"}')
  writeFileSync(join(folder, 'own.json'), '{"sections":[]}')
  writeFileSync(join(folder, 'Patient.json'), '{"resourceType":"Patient"}')
  const files = new Map(guideFiles([PROFILES, folder]).map(({ name, value }) => [name, value]))
  expect(files.get('ips-2.0.0.json')).toEqual({ name: 'mine' })
  expect([files.has('own.json'), files.has('Patient.json')]).toEqual([true, false])
})

it('a file that is no JSON is named', () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'broken.json'), '{')
  expect(() => guideFiles([folder])).toThrow(/broken\.json/)
})
