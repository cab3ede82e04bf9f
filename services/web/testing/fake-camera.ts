import type { Page } from 'playwright-core';

/**
 * Gives pages of this context a camera and the means to read codes, which no Chromium has on Linux. What it sees is what
 * `show` put before it last.
 */
export async function giveCamera(page: Page): Promise<{ show(code: string): Promise<void> }> {
  await page.addInitScript(`
    globalThis.BarcodeDetector = class {
      async detect() {
        const rawValue = globalThis.shownToCamera;
        return rawValue === undefined ? [] : [{ rawValue }];
      }
    };
    navigator.mediaDevices.getUserMedia = async () => {
      const canvas = document.createElement('canvas');
      canvas.getContext('2d').fillRect(0, 0, canvas.width, canvas.height);
      return canvas.captureStream(5);
    };
  `);
  return {
    show: (code) => page.evaluate(`globalThis.shownToCamera = ${JSON.stringify(code)}`),
  };
}
