import { type ReactNode, useSyncExternalStore } from 'react';
import { switchLanguage, useSpeech } from './i18n/language.tsx';
import { Announcer } from './parts/announcer.tsx';
import { EventListScreen } from './screens/event-list-screen.tsx';
import { EventScreen } from './screens/event-screen.tsx';
import { OrdersScreen } from './screens/orders-screen.tsx';
import { SignInScreen } from './screens/sign-in-screen.tsx';
import type { PageSettings } from './session/page-settings.ts';
import { session } from './session/session.ts';
import { useSharedValue } from './shared/use-shared-value.ts';

const subscribeHash = (listener: () => void) => {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
};

/** The page: its frame, and the screen the address names. A hash needs no rewriting at a bucket. */
export function App({ settings }: { settings: PageSettings }) {
  const { text } = useSpeech();
  const path = useSyncExternalStore(subscribeHash, () => location.hash.replace(/^#/, ''));
  const buyer = useSharedValue(session);
  const eventId = /^\/events\/([a-z0-9-]+)$/.exec(path)?.[1];

  let screen: ReactNode;
  if (eventId) screen = <EventScreen key={eventId} eventId={eventId} buyer={buyer} settings={settings} />;
  else if (path === '/orders' && buyer) screen = <OrdersScreen buyer={buyer} />;
  else if (path === '/orders' || path === '/sign-in') screen = <SignInScreen signIn={settings.signIn} />;
  else screen = <EventListScreen />;

  const current = (target: string) =>
    path === target || (target === '/' && path === '') ? 'page' : undefined;
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
          {text.siteName}
        </a>
        <nav aria-label={text.navigation}>
          <a href="#/" aria-current={current('/')}>
            {text.events}
          </a>
          <a href="#/orders" aria-current={current('/orders')}>
            {text.myOrders}
          </a>
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
          {buyer ? (
            <>
              <span className="who" title={text.signedInAs(buyer.userId)}>
                {buyer.userId}
              </span>
              <button type="button" className="link-button" onClick={() => session.set(null)}>
                {text.signOut}
              </button>
            </>
          ) : (
            <a href="#/sign-in">{text.signIn}</a>
          )}
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {screen}
      </main>
      <footer className="page-foot">{text.footer}</footer>
      <Announcer />
    </>
  );
}
