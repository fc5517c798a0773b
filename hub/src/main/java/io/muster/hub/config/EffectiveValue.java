package io.muster.hub.config;

/**
 * A value that is in force.
 *
 * @param key names joined with dots; list entries by their index from 0
 * @param value as text, secrets as stars
 * @param origin {@code reference}, {@code file:line}, the environment variable or the option
 */
public record EffectiveValue(String key, String value, String origin) {}
