import {
  type Announcements,
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  TouchSensor,
  type UniqueIdentifier,
  useDndContext,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import { sortableKeyboardCoordinates, useSortable } from '@dnd-kit/sortable';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconGripVertical } from '@tabler/icons-react';
import type { CSSProperties, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './catalog.module.css';

const touchDelayMs = 180;
const pointerDistance = 4;

type AreaProps = {
  /** What an id is called, for screen readers. */
  nameOf: (id: UniqueIdentifier) => string;
  onDrop: (moved: UniqueIdentifier, over: UniqueIdentifier) => void;
  children: ReactNode;
};

/** Where things are put into order: by mouse, finger or keyboard. */
export function DragArea({ nameOf, onDrop, children }: AreaProps) {
  const { t } = useTranslation('admin');
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: pointerDistance } }),
    useSensor(TouchSensor, { activationConstraint: { delay: touchDelayMs, tolerance: 8 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const announcements: Announcements = {
    onDragStart: ({ active }) => t('services.dragStarted', { name: nameOf(active.id) }),
    onDragOver: ({ active, over }) =>
      over ? t('services.dragOver', { name: nameOf(active.id), over: nameOf(over.id) }) : undefined,
    onDragEnd: ({ active }) => t('services.dragEnded', { name: nameOf(active.id) }),
    onDragCancel: ({ active }) => t('services.dragCancelled', { name: nameOf(active.id) }),
  };
  const end = ({ active, over }: DragEndEvent) => {
    if (over !== null && over.id !== active.id) onDrop(active.id, over.id);
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={end}
      accessibility={{
        announcements,
        screenReaderInstructions: { draggable: t('services.dragHelp') },
      }}
    >
      {children}
    </DndContext>
  );
}

type Dragged = {
  isDisabled?: boolean;
  /** It shows rows of its own: what is dragged comes among these, not to it. */
  hasRows?: boolean;
};

/**
 * Makes a row one that is put into order: what its element and its handle need. The first letter
 * of an id is its kind: a category is put among categories, and passes over the rows of others.
 */
export function useDragged(id: string, { isDisabled = false, hasRows = false }: Dragged = {}) {
  const dragged = useDndContext().active;
  const isOther = dragged !== null && String(dragged.id).charAt(0) !== id.charAt(0);
  const isNoTarget = isOther && (hasRows || id.startsWith('s'));
  const { setNodeRef, attributes, listeners, transform, transition, isDragging, isOver } =
    useSortable({
      id,
      disabled: { draggable: isDisabled, droppable: isDisabled || isNoTarget },
    });
  const style: CSSProperties = {
    // Rows are as high as they are: they are moved, never scaled.
    ...(transform && { transform: `translate3d(${transform.x}px, ${transform.y}px, 0)` }),
    ...(transition && { transition }),
  };
  const isTarget = isOver && !isDragging;
  const names = [isDragging && classes.dragged, isTarget && classes.over].filter(Boolean);
  return {
    row: { ref: setNodeRef, style, className: names.join(' ') },
    handle: { attributes, listeners, isDisabled },
  };
}

export type Handle = ReturnType<typeof useDragged>['handle'];

/** What a row is taken by. */
export function DragHandle({ label, handle }: { label: string; handle: Handle }) {
  const { t } = useTranslation('admin');
  const { attributes, listeners, isDisabled } = handle;
  const button = (
    <ActionIcon
      variant="subtle"
      color="gray"
      className={classes.handle}
      {...attributes}
      {...listeners}
      {...(isDisabled && { 'data-disabled': true })}
      aria-label={label}
    >
      <IconGripVertical size={16} aria-hidden />
    </ActionIcon>
  );
  if (!isDisabled) return button;
  return <Tooltip label={t('services.moveOff')}>{button}</Tooltip>;
}
