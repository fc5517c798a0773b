/**
 * Writes the audit log: what operators do, and who is refused. It knows no HTTP, and nothing of who
 * calls it but how to tell about it.
 */
@NullMarked
package io.muster.hub.audit;

import org.jspecify.annotations.NullMarked;
