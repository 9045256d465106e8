// Checks servers that are given by the environment instead of started: a wrong address is found at the start, in one sentence.

import type { KafkaSecurity } from 'foldline/config';
import { maskUri, maskUris } from 'foldline/connect';
import { reasonOf } from 'foldline/engine';
import { MongoClient } from 'mongodb';
import { SystemFailure } from './failure.ts';
import { probeConnect } from './kafka/connect-worker.ts';
import { describeCluster } from './kafka/kafka.ts';

const ANSWER_LIMIT_MS = 10_000;

/**
 * Checks that MONGODB_URI leads to a replica set's primary.
 *
 * @returns a sentence for the step list
 * @throws SystemFailure when it is not reachable within 10 s or is no replica set
 */
export const givenMongodb = async (uri: string): Promise<string> => {
  const shown = maskUri(uri);
  try {
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: ANSWER_LIMIT_MS });
    try {
      const hello = await client.db('admin').command({ hello: 1 }, { timeoutMS: ANSWER_LIMIT_MS });
      // A router (mongos) names no set and has change streams all the same.
      if (hello.setName === undefined && hello.msg !== 'isdbgrid') throw new Error('it is no replica set');
    } finally {
      await client.close();
    }
  } catch (error) {
    throw new SystemFailure(
      `MONGODB_URI (${shown}) cannot be used: ${maskUris(reasonOf(error))}; name a replica set that runs, or leave it empty`,
      { cause: error },
    );
  }
  return `given, ${shown}`;
};

/** Checks that KAFKA_BROKERS answer. @throws SystemFailure when they do not */
export const givenBrokers = async (brokers: string, security: KafkaSecurity): Promise<string> => {
  try {
    await describeCluster(brokers, security);
  } catch (error) {
    throw new SystemFailure(
      `KAFKA_BROKERS (${brokers}) cannot be used: ${reasonOf(error)}; name brokers that run, or leave it empty`,
      { cause: error },
    );
  }
  return `given, ${brokers}`;
};

/** Checks that CONNECT_URL answers. @throws SystemFailure when it does not */
export const givenConnect = async (url: string): Promise<string> => {
  const shown = maskUri(url);
  try {
    await probeConnect(url);
  } catch (error) {
    throw new SystemFailure(
      `CONNECT_URL (${shown}) cannot be used: ${maskUris(reasonOf(error))}; name a worker that runs, or leave it empty`,
      { cause: error },
    );
  }
  return `given, ${shown}`;
};
