// What is known of the completeness of each model, stored with the model, so that a restart forgets neither an equality nor a doubt. A doubt
// ends only when a verification that began after the doubt found the model equal to its source.

/** Why a model may lack something, although nothing shows it. */
export interface Doubt {
  /** Another doubt has another id. */
  readonly id: string;
  readonly reason: string;
  /** When the first doubt came since the model was last verified equal. */
  readonly since: Date;
}

export interface Completeness {
  readonly model: string;
  /** When which collection was last verified equal: says nothing of another generation. */
  readonly equal: { readonly live: string; readonly at: Date } | undefined;
  readonly doubt: Doubt | undefined;
}

export interface CompletenessStore {
  /** Makes the model known, with the doubt, when it is not. */
  open(model: string, doubt: Doubt): Promise<void>;
  all(): Promise<readonly Completeness[]>;
  /** Replaces id and reason of an earlier doubt, and keeps its time. */
  doubt(model: string, doubt: Doubt): Promise<void>;
  /** @param doubtId of the doubt that was there when the verification began: another one stays */
  foundEqual(model: string, equal: NonNullable<Completeness['equal']>, doubtId: string | undefined): Promise<void>;
}
