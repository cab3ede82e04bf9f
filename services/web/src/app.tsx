import type { ReactNode } from 'react';
import { useSpeech } from './i18n/language.tsx';
import { PageFrame } from './parts/page-frame.tsx';
import { EventListScreen } from './screens/event-list-screen.tsx';
import { EventScreen } from './screens/event-screen.tsx';
import { OrdersScreen } from './screens/orders-screen.tsx';
import { SignInScreen } from './screens/sign-in-screen.tsx';
import type { PageSettings } from './session/page-settings.ts';
import { session } from './session/session.ts';
import { useHashPath } from './shared/use-hash-path.ts';
import { useSharedValue } from './shared/use-shared-value.ts';

/** The page: its frame, and the screen the address names. */
export function App({ settings }: { settings: PageSettings }) {
  const { text } = useSpeech();
  const path = useHashPath();
  const buyer = useSharedValue(session);
  const eventId = /^\/events\/([a-z0-9-]+)$/.exec(path)?.[1];

  let screen: ReactNode;
  if (eventId) screen = <EventScreen key={eventId} eventId={eventId} buyer={buyer} settings={settings} />;
  else if (path === '/orders' && buyer) screen = <OrdersScreen buyer={buyer} />;
  else if (path === '/orders' || path === '/sign-in') screen = <SignInScreen signIn={settings.signIn} />;
  else screen = <EventListScreen />;

  const tools = buyer ? (
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
  );
  return (
    <PageFrame
      name={text.siteName}
      links={[
        ['/', text.events],
        ['/orders', text.myOrders],
      ]}
      path={path}
      tools={tools}
      footer={text.footer}
    >
      {screen}
    </PageFrame>
  );
}
