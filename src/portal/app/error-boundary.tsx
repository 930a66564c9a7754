import { Component } from 'react';
import type { ReactNode } from 'react';
import { PageProblem } from '../parts/page-problem.tsx';

type Properties = { readonly children: ReactNode };

/** ErrorBoundary shows what broke while a page was drawn, with the way out, in place of an empty page. */
export class ErrorBoundary extends Component<Properties, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error: error ?? new Error('something without a name was thrown') };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return <PageProblem error={error} onRetry={() => this.setState({ error: undefined })} />;
  }
}
