import type { ReactNode } from 'react';
import { switchLanguage, useSpeech } from '../i18n/language.tsx';
import { Announcer } from './announcer.tsx';

interface PageFrameProps {
  readonly name: string;
  /** Where to, by hash path, and under which words. */
  readonly links: readonly (readonly [path: string, label: string])[];
  readonly path: string;
  /** Beside the switch of language. */
  readonly tools?: ReactNode;
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

/** What is around every screen: the head with its ways, the foot, and the voice for who listens. */
export function PageFrame({ name, links, path, tools, footer, children }: PageFrameProps) {
  const { text } = useSpeech();
  return (
    <>
      <a
        className="skip-link"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>('main')?.focus();
        }}
      >
        {text.skipToContent}
      </a>
      <header className="page-head">
        <a className="wordmark" href="#/">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M5 9.5A2.5 2.5 0 0 1 7.5 7h17A2.5 2.5 0 0 1 27 9.5v3.2a3.3 3.3 0 0 0 0 6.6v3.2a2.5 2.5 0 0 1-2.5 2.5h-17A2.5 2.5 0 0 1 5 22.5v-3.2a3.3 3.3 0 0 0 0-6.6z" />
          </svg>
          {name}
        </a>
        <nav aria-label={text.navigation}>
          {links.map(([target, label]) => (
            <a
              key={target}
              href={`#${target}`}
              aria-current={path === target || (target === '/' && path === '') ? 'page' : undefined}
            >
              {label}
            </a>
          ))}
        </nav>
        <div className="page-tools">
          <button
            type="button"
            className="link-button"
            onClick={switchLanguage}
            lang={text.switchLanguage === 'English' ? 'en' : 'ko'}
          >
            {text.switchLanguage}
          </button>
          {tools}
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      {footer !== undefined && <footer className="page-foot">{footer}</footer>}
      <Announcer />
    </>
  );
}
