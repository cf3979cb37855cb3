/**
 * What Vitest's JSON report says: tests passed and failed.
 *
 * A file that could not even be loaded is one failure, and so is every skipped test: nothing is skipped here.
 */
export function countTests(report) {
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  const skipped = report.numPendingTests + report.numTodoTests
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length + skipped, skipped }
}
