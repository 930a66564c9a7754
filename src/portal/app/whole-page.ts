/** MissingCode: a part of the portal could not be loaded. The cause is the browser's word, which is another in each. */
export class MissingCode extends Error {}

/**
 * wholePage wraps the import of a page, so that one that fails is a MissingCode. The router takes a failed import for an old page and loads the
 * address again at once: where the controller is away, that shows the browser's own error in place of ours.
 */
export function wholePage<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return async () => {
    try {
      return await load();
    } catch (error) {
      throw new MissingCode('a part of the portal could not be loaded', { cause: error });
    }
  };
}
