// The service of docs/join-an-application.md, which quotes it: notes, with two types of events, one store and one model.
// #region service

import * as kit from 'foldline';
import { decoderOf, defineContracts, type LatestEvent } from 'foldline/contracts';
import { type Decider, Failure, idOf, type ProjectedDocument, type Projection, type View } from 'foldline/engine';
import { idParams } from 'foldline/fastify';
import { z } from 'zod';

const noteContracts = defineContracts({
  noteWritten_v1: { schema: z.strictObject({ text: z.string() }) },
  noteRemoved_v1: { schema: z.strictObject({}) },
});

type NoteEvent = LatestEvent<typeof noteContracts>;

interface Note extends View {
  readonly state: 'absent' | 'available' | 'removed';
  readonly data: { readonly text: string };
}

const notes: Projection<Note, NoteEvent> = {
  name: 'notes',
  kind: 'note',
  foldVersion: 1,
  decode: decoderOf(noteContracts),
  initialState: { state: 'absent', data: { text: '' } },
  evolve(note, event) {
    switch (event.type) {
      case 'noteWritten_v1':
        return { state: note.state === 'removed' ? 'removed' : 'available', data: event.data };
      case 'noteRemoved_v1':
        return { ...note, state: 'removed' };
    }
  },
};

const decider: Decider<Note, { readonly text: string }, NoteEvent> = {
  kind: 'note',
  source: '/notes',
  decide({ text }, { state, data }) {
    if (state === 'removed') throw new Failure('deleted', 'This note was removed.');
    return text === data.text ? [] : [{ type: 'noteWritten_v1', data: { text } }];
  },
};

const body = z.strictObject({ id: z.string(), version: z.int(), text: z.string() });

const table = {
  ...kit.baseSettings,
  NOTES_PORT: z.coerce.number().default(3004).describe('the port to listen on'),
  NOTES_DATABASE: z.string().default('notes').describe('the database of the notes'),
};

export const notesService = kit.defineService({
  name: 'notes',
  description: 'Notes, each with its history.',
  projection: 'notes',
  settings: { table, port: 'NOTES_PORT', database: 'NOTES_DATABASE' },
  stores: { notes: { collection: 'NoteEvents', topic: 'note-events', kinds: ['note'] } },
  models: { notes: { projection: notes, from: { store: 'notes' } } },
  routes({ app, read }, { commands, models }) {
    const present = ({ _id, version, data }: ProjectedDocument) => ({
      id: idOf(_id),
      version,
      text: (data as Note['data']).text,
    });
    kit.addCreateRoute(
      app,
      { plural: 'notes', commands: commands.notes, decider, body, present },
      { summary: 'Write a note', fields: z.object({ text: z.string().max(1000) }), command: ({ text }) => ({ text }) },
    );
    const schema = { summary: 'Read a note', params: idParams, querystring: kit.readQuery, response: { 200: body } };
    app.get('/notes/:id', { config: { policy: 'read' }, schema }, async (request, reply) => {
      const { document } = await read(models.notes, request, reply);
      return present(document as ProjectedDocument);
    });
  },
});
// #endregion
