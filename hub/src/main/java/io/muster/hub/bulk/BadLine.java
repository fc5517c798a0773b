package io.muster.hub.bulk;

/**
 * A line of a file that cannot be taken.
 *
 * @param line its number, from 1
 * @param problem what is wrong with it and what is allowed; no secret
 */
public record BadLine(int line, String problem) {}
