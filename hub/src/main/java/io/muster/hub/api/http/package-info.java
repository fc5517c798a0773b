/**
 * How requests are read and answers are written, for all resources alike: JSON, fields, pages,
 * conditions on revisions, problems. It knows no resource.
 */
@NullMarked
package io.muster.hub.api.http;

import org.jspecify.annotations.NullMarked;
