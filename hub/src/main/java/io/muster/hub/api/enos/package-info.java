/**
 * The management calls of EnOS, as far as Muster knows what they ask for: for tools that were made
 * for it. They do what {@code /api/v1} does, with its roles and its audit log.
 */
@NullMarked
package io.muster.hub.api.enos;

import org.jspecify.annotations.NullMarked;
