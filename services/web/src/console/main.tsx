import { createRoot } from 'react-dom/client';
import { LanguageProvider } from '../i18n/language.tsx';
import { ConsoleApp } from './console-app.tsx';
import '../styles/base.css';
import '../styles/frame.css';
import '../styles/forms.css';
import '../styles/events.css';
import '../styles/purchase.css';
import './console.css';

createRoot(document.getElementById('page')!).render(
  <LanguageProvider>
    <ConsoleApp />
  </LanguageProvider>,
);
