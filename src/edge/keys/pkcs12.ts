/**
 * Keys and certificates in PKCS#12, with the encryption of old files (RC2, 3DES) and of new ones (AES); the door to
 * node-forge.
 * @see https://www.rfc-editor.org/rfc/rfc7292
 */

import { createPrivateKey, type KeyObject } from 'node:crypto'
import forge from 'node-forge'
import { refusal } from './refusal.ts'
import type { KeyMaterial } from './signing-key.ts'

const { asn1, pkcs12, pki } = forge
const { certBag, keyBag, pkcs8ShroudedKeyBag } = pki.oids

// The library hands the password to every cipher as it is. PBES2 takes it as UTF-8, other than the older schemes and
// the MAC (RFC 8018, section 3), so that without this a password beyond ASCII opens no new file.
const { pbe } = pki as unknown as {
  pbe: { getCipherForPBES2: (id: string, parameters: unknown, password: string) => unknown }
}
const cipherForPbes2 = pbe.getCipherForPBES2
pbe.getCipherForPBES2 = (id, parameters, password) => cipherForPbes2(id, parameters, forge.util.encodeUtf8(password))

/** The private key and the certificates of a PKCS#12 file. @throws FhirError `security` */
export function readPkcs12(der: Uint8Array, password?: string): KeyMaterial {
  const bags = open(parse(der), password).safeContents.flatMap(({ safeBags }) => safeBags)
  const keys = bags.filter(({ type }) => type === keyBag || type === pkcs8ShroudedKeyBag)
  const [key, another] = keys
  if (key === undefined) throw refusal('The PKCS#12 file holds no private key')
  if (another !== undefined) throw refusal(`The PKCS#12 file holds ${keys.length} private keys, expected one`)
  return {
    privateKey: privateKeyOf(key),
    certificates: bags.filter(({ type }) => type === certBag).map(certificateOf),
  }
}

function parse(der: Uint8Array): forge.asn1.Asn1 {
  try {
    return asn1.fromDer(forge.util.createBuffer(Buffer.from(der).toString('latin1')))
  } catch (cause) {
    throw refusal('The key file is neither PEM nor JWK nor PKCS#12', cause)
  }
}

function open(file: forge.asn1.Asn1, password: string | undefined): forge.pkcs12.Pkcs12Pfx {
  try {
    return pkcs12.pkcs12FromAsn1(file, true, password ?? '')
  } catch (cause) {
    const reason = 'the password is wrong, or the file is damaged or encrypted in a way that is not supported'
    throw refusal(`The PKCS#12 file does not open: ${password === undefined ? 'it needs a password' : reason}`, cause)
  }
}

/** The library reads RSA keys only, and hands the others over as PKCS#8. */
function privateKeyOf({ key, asn1: pkcs8 }: forge.pkcs12.Bag): KeyObject {
  try {
    return createPrivateKey({
      key: derOf(key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key)) : pkcs8),
      format: 'der',
      type: 'pkcs8',
    })
  } catch (cause) {
    throw refusal('The private key in the PKCS#12 file cannot be read', cause)
  }
}

/** The certificate's own octets: the library keeps the signed part and the value, and between them stands what the signed part says of the algorithm. */
function certificateOf({ cert, asn1: unread }: forge.pkcs12.Bag): Uint8Array {
  if (!cert) return derOf(unread)
  const { tbsCertificate, signature } = cert as unknown as { tbsCertificate: forge.asn1.Asn1; signature: string }
  const fields = tbsCertificate.value as forge.asn1.Asn1[]
  const hasVersion = fields[0]?.tagClass === asn1.Class.CONTEXT_SPECIFIC
  const algorithm = fields[hasVersion ? 2 : 1]
  if (algorithm === undefined) throw refusal('A certificate in the PKCS#12 file cannot be read')
  const value = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BITSTRING, false, `\0${signature}`)
  return derOf(asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [tbsCertificate, algorithm, value]))
}

function derOf(value: forge.asn1.Asn1): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'latin1')
}
