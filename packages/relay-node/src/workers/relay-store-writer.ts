import { parentPort, workerData } from 'node:worker_threads'
import { packOutcome, unpackBatch } from '../sqlite/batch.ts'
import { openForWriting } from '../sqlite/open-database.ts'
import { Writer } from '../sqlite/writer.ts'

const db = openForWriting(workerData.file, { maxPages: workerData.maxPages })
const writer = new Writer(db)

parentPort?.on('message', (batch) => {
  if (batch === 'close') {
    db.close()
    parentPort?.close()
  } else {
    parentPort?.postMessage(writer.run(unpackBatch(batch), batch.durable).map(packOutcome))
  }
})
