/// <reference path="../qrcode.d.ts" />
/**
 * The text as a QR code of half blocks, with its quiet edge.
 *
 * Where colours may be used it is dark on light whatever the terminal's own are: not every camera reads the negative.
 */
export async function qrOf(text: string, colour: boolean): Promise<string> {
  const { default: qrcode } = await import('qrcode')
  const code = await qrcode.toString(text, { type: 'utf8', errorCorrectionLevel: 'L', margin: 2 })
  const lines = code.split('\n').filter((line) => line !== '')
  return lines.map((line) => (colour ? `\u001b[30;107m${line}\u001b[0m` : line)).join('\n')
}
