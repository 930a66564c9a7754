/** The help stands below a field, so that a button beside it keeps its place however long the help is. */
export const inputOrder: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'error', 'description'];
