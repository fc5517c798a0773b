/**
 * The configuration: read from {@code muster.conf} and the environment, checked completely before
 * anything is built.
 */
@NullMarked
package io.muster.hub.config;

import org.jspecify.annotations.NullMarked;
