// Goal: the in-memory own offsets behave as every store of them does. Method: the contract.
import { ownOffsetsContract } from '../contract/own-offsets-contract.ts';
import { inMemoryOwnOffsets } from './own-offsets.ts';

ownOffsetsContract(inMemoryOwnOffsets);
