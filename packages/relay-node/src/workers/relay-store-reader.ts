import { parentPort, workerData } from 'node:worker_threads'
import { openForReading } from '../sqlite/open-database.ts'
import { runRead } from '../sqlite/reader.ts'

const db = openForReading(workerData.file)

parentPort?.on('message', (message) => {
  if (message === 'close') {
    db.close()
    parentPort?.close()
  } else {
    parentPort?.postMessage({ id: message.id, outcome: runRead(db, message.call) })
  }
})
