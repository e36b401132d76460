import type { Browser, BrowserContext, Page } from 'playwright-core';

/** A page in a browser of its own, and everything that went wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  /** What failed: requests, answers of 400 and above, errors and warnings of the console, exceptions. */
  readonly troubles: string[];
  /** Method and path of every request to this host. */
  readonly asked: string[];
  /** Status and path of every answer of it. */
  readonly answered: string[];
  close(): Promise<void>;
}

/** As people's browsers name themselves: posthog-js sends nothing for one that says it is automated. */
const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

export async function openWatchedPage(browser: Browser, host: string): Promise<WatchedPage> {
  const context: BrowserContext = await browser.newContext({ userAgent: USER_AGENT });
  const page = await context.newPage();
  const troubles: string[] = [];
  const asked: string[] = [];
  const answered: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin === host) asked.push(`${request.method()} ${url.pathname}`);
  });
  page.on('requestfailed', (request) => {
    troubles.push(`${request.method()} ${request.url()}: ${request.failure()?.errorText ?? 'failed'}`);
  });
  page.on('response', (response) => {
    const url = new URL(response.url());
    if (url.origin === host) answered.push(`${response.status()} ${url.pathname}`);
    if (response.status() >= 400) troubles.push(`${response.status()} ${response.url()}`);
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => void troubles.push(`exception: ${error.message}`));
  return { page, troubles, asked, answered, close: () => context.close() };
}
