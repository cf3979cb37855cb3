export * from './mls-engine.ts'
