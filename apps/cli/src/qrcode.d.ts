declare module 'qrcode' {
  const qrcode: {
    toString(
      text: string,
      options: { readonly type: 'utf8'; readonly errorCorrectionLevel: 'L' | 'M'; readonly margin: number },
    ): Promise<string>
  }
  // biome-ignore lint/style/noDefaultExport: the package is CommonJS, this is how its exports arrive
  export default qrcode
}
