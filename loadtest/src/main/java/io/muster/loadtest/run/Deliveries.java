package io.muster.loadtest.run;

import java.util.List;

/**
 * Tells publishers of the arrival of their messages, many of one at once. Confined to its receiver.
 */
final class Deliveries {

    private final List<Publisher> publishers;
    private int publisher;
    private int count;

    /**
     * Makes one that has nothing to tell.
     *
     * @param publishers all of the run
     */
    Deliveries(List<Publisher> publishers) {
        this.publishers = publishers;
    }

    /** A message of a publisher came that had not come before. */
    void add(int from) {
        if (from != publisher) {
            tell();
            publisher = from;
        }
        count++;
    }

    /** Hands over what was counted. */
    void tell() {
        if (count > 0) {
            publishers.get(publisher).delivered(count);
            count = 0;
        }
    }
}
