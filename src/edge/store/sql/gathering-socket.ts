/** A socket that sends in one go what is written to it in one turn of the program. */

import { Socket } from 'node:net'

/** The queries of one flight go out by one call of the system: that costs more than most of the queries do. */
export class GatheringSocket extends Socket {
  #isGathering = false

  /** Connecting puts the plain way of writing in the place of ours. */
  override connect(...given: unknown[]): this {
    super.connect(...(given as Parameters<Socket['connect']>))
    Reflect.deleteProperty(this, 'write')
    return this
  }

  override write(...given: unknown[]): boolean {
    if (!this.#isGathering) this.#gather()
    return super.write(...(given as Parameters<Socket['write']>))
  }

  /** Until all that is ready to go on now has written what it wants. */
  #gather(): void {
    this.#isGathering = true
    this.cork()
    process.nextTick(() => {
      this.#isGathering = false
      this.uncork()
    })
  }
}
