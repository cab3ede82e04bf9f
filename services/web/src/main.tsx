import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { keepClock } from './clock/keep-clock.ts';
import { LanguageProvider } from './i18n/language.tsx';
import { readSettings } from './session/page-settings.ts';
import { takeTokenFromAddress } from './session/session.ts';
import './styles/base.css';
import './styles/frame.css';
import './styles/forms.css';
import './styles/events.css';
import './styles/purchase.css';
import './styles/seats.css';
import './styles/tickets.css';

takeTokenFromAddress();
keepClock();
const settings = await readSettings();
createRoot(document.getElementById('page')!).render(
  <LanguageProvider>
    <App settings={settings} />
  </LanguageProvider>,
);
