// What a removal asks of the teams, and does with them.
import type { OpenModel } from 'foldline';
import { type CommandPorts, execute, idOf, readSubjects, subjectOf } from 'foldline/engine';
import { pageOfDocuments } from 'foldline/mongodb';
import type { TeamFact } from './contracts.ts';
import type { RemovalPorts } from './remove-teams-when-event-is-removed.ts';
import { type Team, teamDecider, teamsOf, whereIs } from './team.ts';

/** Teams that are deleted in one step of a removal. */
const chunkMax = 100;

export function removalPorts(model: OpenModel, commands: CommandPorts<Team, TeamFact>): RemovalPorts {
  return {
    /** What the read model has not taken up yet is left out, so that nothing is planned twice. */
    async teamsIn(teamEventId, after) {
      for (let from = after === null ? undefined : subjectOf('team', after); ; ) {
        const page = { after: from, limit: chunkMax };
        const { documents, next } = await pageOfDocuments(model.collection, teamsOf(teamEventId), page);
        const subjects = documents.map(({ _id }) => _id);
        const now = await readSubjects(commands, subjects);
        const there = subjects.filter((subject) => whereIs(now.get(subject)?.document) === teamEventId);
        if (there.length > 0 || next === null) return there.map(idOf);
        from = next;
      }
    },
    async deleteTeam(teamId, teamEventId, request, causation) {
      const [subject, command] = [subjectOf('team', teamId), { kind: 'delete with its event', teamEventId } as const];
      return (await execute(commands, teamDecider, { subject, command, causation, request })).changed;
    },
  };
}
