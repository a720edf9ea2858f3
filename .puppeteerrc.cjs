/** The browser comes from an npm package or from the setting FHIRDOC_CHROMIUM, never from a download of puppeteer's own. */
module.exports = { skipDownload: true }
