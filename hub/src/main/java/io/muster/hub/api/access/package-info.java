/**
 * Who may do what over HTTP: who a request comes from, which role its route needs, and the row of
 * the audit log that is written before an act. It stands before all resources and knows none.
 */
@NullMarked
package io.muster.hub.api.access;

import org.jspecify.annotations.NullMarked;
