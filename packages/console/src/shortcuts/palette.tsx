import { textOf } from '@halyard/json';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import {
  Autocomplete,
  Dialog,
  Header,
  Input,
  Label,
  Menu,
  MenuItem,
  MenuSection,
  Modal,
  ModalOverlay,
  SearchField,
  Text,
} from 'react-aria-components';
import { suggestQuery } from '../api/queries.ts';
import { setTheme } from '../app/theme.ts';
import { useSettled } from '../flag/use-settled.ts';
import './shortcuts.css';

interface PaletteProps {
  readonly project: string;
  readonly onClose: () => void;
  readonly onSignOut: () => void;
  readonly onShortcuts: () => void;
}

/** Something to go to or to do. */
interface Entry {
  readonly id: string;
  readonly text: string;
  readonly note?: string | undefined;
  readonly run: () => void;
}

interface Section {
  readonly name: string;
  readonly entries: readonly Entry[];
}

/** How many flags and cohorts are offered at most. */
const MOST = 8;

/** A field that leads to every flag, cohort, user and page, and does what can be done everywhere (K61). */
export function Palette({ project, onClose, onSignOut, onShortcuts }: PaletteProps) {
  const [typed, setTyped] = useState('');
  const sections = useSections(project, typed.trim(), { onSignOut, onShortcuts });
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="modal palette">
        <Dialog className="dialog" aria-label="Go to">
          <Autocomplete inputValue={typed} onInputChange={setTyped} disableAutoFocusFirst={false}>
            <SearchField autoFocus className="field">
              <Label className="visually-hidden">Go to a flag, cohort, user or page</Label>
              <Input
                placeholder="Flag, cohort, user or page"
                onKeyDown={(event) => {
                  // What was marked may be gone with an older answer: the first one is meant.
                  const marked = event.currentTarget.getAttribute('aria-activedescendant') ?? '';
                  if (event.key !== 'Enter' || document.getElementById(marked) !== null) return;
                  onClose();
                  sections[0]?.entries[0]?.run();
                }}
              />
            </SearchField>
            <Menu
              className="palette-list"
              aria-label="What was found"
              onAction={(id) => {
                onClose();
                for (const { entries } of sections) entries.find((entry) => entry.id === id)?.run();
              }}
            >
              {sections.map(({ name, entries }) => (
                <MenuSection key={name} id={name}>
                  <Header>{name}</Header>
                  {entries.map(({ id, text, note }) => (
                    <MenuItem key={id} id={id} textValue={text} className="option">
                      <Text slot="label">{text}</Text>
                      {note !== undefined && (
                        <Text slot="description" className="quiet small">
                          {note}
                        </Text>
                      )}
                    </MenuItem>
                  ))}
                </MenuSection>
              ))}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

type Commands = Pick<PaletteProps, 'onSignOut' | 'onShortcuts'>;

/** What fits what was typed, by kind; kinds without anything are left out. */
function useSections(project: string, typed: string, { onSignOut, onShortcuts }: Commands): readonly Section[] {
  const navigate = useNavigate();
  const settled = useSettled(typed, 150);
  const { data: flags } = useQuery(suggestQuery(project, { kind: 'flag' }, settled));
  const { data: cohorts } = useQuery(suggestQuery(project, { kind: 'cohort' }, settled));
  const params = { project };
  const go = (to: '/p/$project/flags' | '/p/$project/users' | '/p/$project/cohorts' | '/p/$project/history') => () =>
    void navigate({ to, params, search: {} });
  const pages: readonly Entry[] = [
    { id: 'page flags', text: 'Flags', run: go('/p/$project/flags') },
    { id: 'page users', text: 'Users', run: go('/p/$project/users') },
    { id: 'page cohorts', text: 'Cohorts', run: go('/p/$project/cohorts') },
    { id: 'page early', text: 'Early access', run: () => void navigate({ to: '/p/$project/early-access', params }) },
    {
      id: 'page schedule',
      text: 'Schedule',
      run: () => void navigate({ to: '/p/$project/schedule', params, search: {} }),
    },
    { id: 'page history', text: 'History', run: go('/p/$project/history') },
    { id: 'page settings', text: 'Settings', run: () => void navigate({ to: '/p/$project/settings', params }) },
    { id: 'page keys', text: 'Personal keys', run: () => void navigate({ to: '/p/$project/settings/keys', params }) },
  ];
  const actions: readonly Entry[] = [
    { id: 'do flag', text: 'New flag', run: () => void navigate({ to: '/p/$project/flags/new', params }) },
    { id: 'do cohort', text: 'New cohort', run: () => void navigate({ to: '/p/$project/cohorts/new', params }) },
    { id: 'do light', text: 'Light theme', run: () => setTheme('light') },
    { id: 'do dark', text: 'Dark theme', run: () => setTheme('dark') },
    { id: 'do system', text: 'Theme of the system', run: () => setTheme('system') },
    { id: 'do keys', text: 'Keyboard shortcuts', run: onShortcuts },
    { id: 'do out', text: 'Sign out', run: onSignOut },
  ];
  const fits = ({ text }: Entry): boolean => text.toLowerCase().includes(typed.toLowerCase());
  const sections: readonly Section[] = [
    {
      name: 'Flags',
      entries: (flags ?? []).slice(0, MOST).map(({ value, name }) => {
        const key = textOf(value);
        const note = typeof name === 'string' && name !== '' ? name : undefined;
        const to = '/p/$project/flags/$key';
        return {
          id: `flag ${key}`,
          text: key,
          note,
          run: () => void navigate({ to, params: { project, key }, search: {} }),
        };
      }),
    },
    {
      name: 'Cohorts',
      entries: (cohorts ?? []).slice(0, MOST).map(({ value, name }) => {
        const id = textOf(value);
        const to = '/p/$project/cohorts/$id';
        return {
          id: `cohort ${id}`,
          text: name ?? `Cohort ${id}`,
          run: () => void navigate({ to, params: { project, id } }),
        };
      }),
    },
    {
      name: 'Users',
      entries:
        typed === ''
          ? []
          : [
              {
                id: 'user',
                text: `What does “${typed}” get?`,
                run: () => void navigate({ to: '/p/$project/users', params, search: { user: typed } }),
              },
            ],
    },
    { name: 'Pages', entries: pages.filter(fits) },
    { name: 'Actions', entries: actions.filter(fits) },
  ];
  return sections.filter(({ entries }) => entries.length > 0);
}
