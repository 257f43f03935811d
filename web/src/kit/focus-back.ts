import { useEffect } from 'react';

/** As many as somebody goes through in a dialog, and then some. */
const rememberedMax = 50;
/** Where dialogs are drawn. */
const portal = '[data-portal]';

/**
 * Gives the focus back to what had it before a dialog that is gone. Dialogs do so themselves only
 * if they were there, closed, before they opened; and most are drawn when they are asked for.
 */
export function useFocusBack(): void {
  useEffect(() => {
    let remembered: HTMLElement[] = [];
    const remember = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement)) return;
      // An entry of a menu is gone when its dialog closes; what had the focus before it is not.
      const others = remembered.filter((one) => one !== target && one.isConnected);
      remembered = [target, ...others].slice(0, rememberedMax);
    };
    const giveBack = () => {
      if (document.activeElement !== null && document.activeElement !== document.body) return;
      remembered.find(isReady)?.focus({ preventScroll: true });
    };
    const observer = new MutationObserver((changes) => {
      for (const { addedNodes, removedNodes } of changes) {
        for (const node of addedNodes) {
          if (!(node instanceof Element && node.matches(portal))) continue;
          observer.observe(node, { childList: true, subtree: true });
        }
        if ([...removedNodes].some(hasDialog)) giveBack();
      }
    });
    observer.observe(document.body, { childList: true });
    document.addEventListener('focusin', remember);
    return () => {
      observer.disconnect();
      document.removeEventListener('focusin', remember);
    };
  }, []);
}

function isReady(one: HTMLElement): boolean {
  return one.isConnected && !one.matches(':disabled') && one.checkVisibility();
}

function hasDialog(node: Node): boolean {
  if (!(node instanceof Element)) return false;
  return node.matches('[role="dialog"]') || node.querySelector('[role="dialog"]') !== null;
}
