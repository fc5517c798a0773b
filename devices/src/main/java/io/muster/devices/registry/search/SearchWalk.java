package io.muster.devices.registry.search;

import io.muster.devices.details.DeviceRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Goes through the devices that a search may find, until a page is full or enough was looked at.
 * Confined to a thread, and used once.
 */
final class SearchWalk {

    /** How many devices are looked at for a page. */
    static final int LOOKED_AT_MAX = 10_000;

    /** How many products are looked into for a page. */
    static final int PRODUCTS_MAX = 200;

    /** How many are looked at together, if not all of them match. */
    private static final int TOGETHER = 1000;

    private final Handle handle;
    private final Reading reading;
    private final DeviceSearch search;
    private final int limit;
    private final List<DeviceRecord> found = new ArrayList<>();
    private int lookedAt;

    /** Behind which device the page ends, once it is full. */
    private Optional<Position> last = Optional.empty();

    SearchWalk(Handle handle, Reading reading, DeviceSearch search, int limit) {
        this.handle = handle;
        this.reading = reading;
        this.search = search;
        this.limit = limit;
    }

    /** Makes a device of a row. */
    interface Reading {
        DeviceRecord of(ResultSet row) throws SQLException;
    }

    /** The page behind a position. */
    DevicePage walk(Position from) {
        Optional<Position> next =
                search.productKey().isPresent() ? throughProduct(from) : throughAll(from);
        return new DevicePage(List.copyOf(found), next.map(position -> position.text(search)));
    }

    private Optional<Position> throughAll(Position from) {
        List<String> products = products(from.productKey());
        for (int i = 0; i < products.size(); i++) {
            String product = products.get(i);
            if (i == PRODUCTS_MAX || lookedAt >= LOOKED_AT_MAX) {
                return Optional.of(Position.before(product));
            }
            Position begin = product.equals(from.productKey()) ? from : Position.before(product);
            Optional<Position> next = throughProduct(begin);
            if (next.isPresent()) {
                return next;
            }
        }
        return Optional.empty();
    }

    /** One more than are looked into tells where to go on. */
    private List<String> products(String first) {
        return handle.createQuery(
                        """
                        SELECT product_key FROM product WHERE product_key >= :first
                        ORDER BY product_key LIMIT :limit
                        """)
                .bind("first", first)
                .bind("limit", PRODUCTS_MAX + 1)
                .mapTo(String.class)
                .list();
    }

    /** Where the next page begins, if this one ends within the product. */
    private Optional<Position> throughProduct(Position begin) {
        Position from = begin;
        while (true) {
            SearchPlan.Statement statement = SearchPlan.of(search, from);
            int rows = statement.isExact() ? limit + 1 - found.size() : TOGETHER;
            Step step = new Step(from);
            try (Query query = handle.createQuery(statement.sql())) {
                query.bindMap(statement.arguments())
                        .bind("limit", rows)
                        .map((row, context) -> step.take(row))
                        .list();
            }
            if (last.isPresent() && step.isOver) {
                return last;
            }
            lookedAt += step.taken;
            if (step.taken < rows) {
                return Optional.empty();
            }
            from = step.at;
            if (lookedAt >= LOOKED_AT_MAX) {
                return Optional.of(from);
            }
        }
    }

    /** One statement. */
    private final class Step {

        private Position at;
        private int taken;

        /** There is a device that the page has no room for. */
        private boolean isOver;

        private Step(Position from) {
            at = from;
        }

        private boolean take(ResultSet row) throws SQLException {
            taken++;
            String name = search.namePrefix().isEmpty() ? "" : row.getString("name");
            at = new Position(row.getString("product_key"), row.getString("device_key"), name);
            if (row.getInt("matches") != 1 || isOver) {
                return false;
            }
            if (found.size() == limit) {
                isOver = true;
                return false;
            }
            found.add(reading.of(row));
            if (found.size() == limit) {
                last = Optional.of(at);
            }
            return true;
        }
    }
}
