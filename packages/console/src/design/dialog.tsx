import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

interface DialogProps {
  readonly title: ReactNode;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer: ReactNode;
  /** A press beside it closes nothing. */
  readonly role?: 'alertdialog' | 'dialog' | undefined;
}

/** A window over the page: focus stays in it, Escape leaves it, and goes back where it was. */
export function Dialog({ title, isOpen, onClose, children, footer, role }: DialogProps) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="modal">
        <AriaDialog className="dialog" role={role ?? 'dialog'}>
          <header>
            <Heading slot="title">{title}</Heading>
          </header>
          <div className="body stack">{children}</div>
          <footer>{footer}</footer>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
