#!/usr/bin/env node
import { runBundle } from '../../../scripts/lib/bin.js'

await runBundle(import.meta.url, 'cli', 'quintet')
