import { generate } from 'lean-qr';
import { useMemo } from 'react';

interface QrCodeProps {
  readonly content: string;
  readonly label: string;
}

/** Light modules around the code, which readers need (ISO/IEC 18004). */
const quietZone = 4;

/** A QR code, black on white in every colour scheme. */
export function QrCode({ content, label }: QrCodeProps) {
  const { path, size } = useMemo(() => {
    const code = generate(content);
    let drawn = '';
    for (let y = 0; y < code.size; y++) {
      for (let x = 0; x < code.size; x++) {
        if (code.get(x, y)) drawn += `M${x + quietZone} ${y + quietZone}h1v1h-1z`;
      }
    }
    return { path: drawn, size: code.size + 2 * quietZone };
  }, [content]);
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
