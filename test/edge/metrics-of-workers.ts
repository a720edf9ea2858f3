/** Two workers count, and one of them is asked for the page: it prints the line of the sum. */

import cluster from 'node:cluster'
import { gatherMetrics } from '../../src/edge/gathering.ts'
import { openAggregate, openMetrics } from '../../src/edge/metrics.ts'

if (cluster.isPrimary) {
  gatherMetrics(() => Promise.resolve(openAggregate()))
  const [first, second] = [cluster.fork({ COUNT: '1' }), cluster.fork({ COUNT: '2' })]
  let ready = 0
  cluster.on('message', (_, message) => {
    if (message === 'ready' && (ready += 1) === 2) second.send('ask')
    if (message === 'end') {
      first.kill()
      second.kill()
    }
  })
} else {
  const metrics = openMetrics()
  for (let count = 0; count < Number(process.env['COUNT']); count += 1) metrics.refused()
  process.on('message', (message) => {
    if (message !== 'ask') return
    void metrics.page().then((page) => {
      console.log(page.split('\n').find((line) => line.startsWith('fhirdoc_queue_refused_total')))
      process.send?.('end')
    })
  })
  process.send?.('ready')
}
