import { type ReactNode, useMemo, useState } from 'react';
import { PageFrame } from '../parts/page-frame.tsx';
import { useHashPath } from '../shared/use-hash-path.ts';
import { useSharedValue } from '../shared/use-shared-value.ts';
import { createAdminClient } from './admin-client.ts';
import { adminToken } from './admin-token.ts';
import { GateScreen } from './gate-screen.tsx';
import { SaleScreen } from './sale-screen.tsx';
import { SalesScreen } from './sales-screen.tsx';
import { TokenScreen } from './token-screen.tsx';
import { useWords } from './use-words.ts';

/** The sale console: who has the admin token watches and steers every sale. */
export function ConsoleApp() {
  const { words } = useWords();
  const path = useHashPath();
  const token = useSharedValue(adminToken);
  const [isRefused, setRefused] = useState(false);
  const client = useMemo(
    () =>
      createAdminClient(token ?? '', () => {
        setRefused(true);
        adminToken.set(null);
      }),
    [token],
  );
  const eventId = /^\/sales\/([a-z0-9-]+)$/.exec(path)?.[1];

  let screen: ReactNode;
  if (token === null) {
    const onToken = (given: string) => {
      setRefused(false);
      adminToken.set(given);
    };
    screen = <TokenScreen isRefused={isRefused} onToken={onToken} />;
  } else if (eventId) screen = <SaleScreen key={eventId} eventId={eventId} client={client} />;
  else if (path === '/gate') screen = <GateScreen client={client} />;
  else screen = <SalesScreen client={client} />;

  return (
    <PageFrame
      name={words.consoleName}
      links={[
        ['/', words.sales],
        ['/gate', words.gate],
      ]}
      path={path}
      tools={
        token !== null && (
          <button type="button" className="link-button" onClick={() => adminToken.set(null)}>
            {words.forgetToken}
          </button>
        )
      }
    >
      {screen}
    </PageFrame>
  );
}
