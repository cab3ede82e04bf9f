import { Screen } from '../parts/screen.tsx';
import { useSpeech } from '../i18n/language.tsx';
import type { PageSettings } from '../session/page-settings.ts';
import { SignInForm } from './sign-in-form.tsx';

export function SignInScreen({ signIn }: { signIn: PageSettings['signIn'] }) {
  const { text } = useSpeech();
  return (
    <Screen title={text.signInTitle} intro={text.signInIntro} className="narrow">
      <div className="panel">
        <SignInForm
          signIn={signIn}
          onDone={() => {
            location.hash = '#/';
          }}
        />
      </div>
    </Screen>
  );
}
