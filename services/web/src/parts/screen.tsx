import { type ReactNode, useEffect, useRef } from 'react';

interface ScreenProps {
  readonly title: string;
  readonly intro?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

/** A screen under its heading. The heading takes the focus when the screen comes, so that keyboard and reader are there too. */
export function Screen({ title, intro, children, className = '' }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Onsale`;
  }, [title]);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }, []);
  return (
    <div className={`screen ${className}`}>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {intro !== undefined && <p className="intro">{intro}</p>}
      {children}
    </div>
  );
}
