import { useEffect, useRef, useState } from 'react';
import { useWords } from './use-words.ts';

/** The Shape Detection API, which TypeScript does not know: https://wicg.github.io/shape-detection-api/#barcode-detection-api */
interface BarcodeDetector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}

type DetectorClass = new (options: { formats: readonly string[] }) => BarcodeDetector;

const Detector = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;

const lookEveryMs = 200;
/** A ticket stays before the camera for a while: the same code is not asked for again within this time. */
const sameCodeMs = 5000;

/** Reads codes with the camera, where the browser can; nothing at all elsewhere. One code is followed up at a time. */
export function CameraScanner({ onCode }: { onCode: (code: string) => Promise<void> }) {
  const { words } = useWords();
  const [isOn, setOn] = useState(false);
  const [isBroken, setBroken] = useState(false);
  if (!Detector) return null;
  return (
    <>
      <button type="button" className="button button-quiet" onClick={() => setOn(!isOn)}>
        {isOn ? words.stopCamera : words.useCamera}
      </button>
      {isOn && (
        <Viewfinder
          detector={Detector}
          onCode={onCode}
          onBroken={() => {
            setOn(false);
            setBroken(true);
          }}
        />
      )}
      {isBroken && !isOn && <p className="field-error">{words.noCamera}</p>}
    </>
  );
}

interface ViewfinderProps {
  readonly detector: DetectorClass;
  readonly onCode: (code: string) => Promise<void>;
  readonly onBroken: () => void;
}

function Viewfinder({ detector: Detect, onCode, onBroken }: ViewfinderProps) {
  const video = useRef<HTMLVideoElement>(null);
  // The callbacks change with every check; the camera stays on.
  const now = useRef({ onCode, onBroken });
  useEffect(() => {
    now.current = { onCode, onBroken };
  });
  useEffect(() => {
    let isLeft = false;
    let stream: MediaStream | undefined;
    const look = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      const picture = video.current;
      if (isLeft || !picture) return;
      picture.srcObject = stream;
      await picture.play();
      const detector = new Detect({ formats: ['qr_code'] });
      let last = { code: '', atMs: 0 };
      while (!isLeft) {
        const code = (await detector.detect(picture))[0]?.rawValue;
        const nowMs = performance.now();
        if (code !== undefined && (code !== last.code || nowMs - last.atMs > sameCodeMs)) {
          last = { code, atMs: nowMs };
          await now.current.onCode(code);
        }
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      }
    };
    void look()
      .catch(() => isLeft || now.current.onBroken())
      .finally(() => stream?.getTracks().forEach((track) => track.stop()));
    return () => {
      isLeft = true;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, [Detect]);
  return <video ref={video} className="viewfinder" muted playsInline aria-hidden="true" />;
}
