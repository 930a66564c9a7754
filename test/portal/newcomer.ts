import type { Locator, Page } from 'playwright-core';

/** Newcomer does in a browser what somebody would who never saw Causeway, and counts it: what they click, and what they have to type. */
export class Newcomer {
  readonly page: Page;
  clicks = 0;
  fields = 0;

  constructor(page: Page) {
    this.page = page;
  }

  async click(what: Locator): Promise<void> {
    await what.click();
    this.clicks += 1;
  }

  async fill(what: Locator, text: string): Promise<void> {
    await what.fill(text);
    this.fields += 1;
  }

  async choose(what: Locator, value: string): Promise<void> {
    await what.selectOption(value);
    this.fields += 1;
  }

  async button(name: string): Promise<void> {
    await this.click(this.page.getByRole('button', { name, exact: true }));
  }

  async link(name: string): Promise<void> {
    await this.click(this.page.getByRole('link', { name, exact: true }));
  }
}
