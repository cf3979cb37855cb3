/** The text as a QR code of half blocks, for a terminal of any colours. */
export async function qrOf(text: string): Promise<string> {
  const { default: qrcode } = await import('qrcode')
  const code = await qrcode.toString(text, { type: 'utf8', errorCorrectionLevel: 'L', margin: 2 })
  return code.trimEnd()
}
