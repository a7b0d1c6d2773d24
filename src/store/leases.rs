//! Leases for tasks that only one node at a time may run.

use diesel::prelude::*;

use super::{Fault, Id, Tx, on, schema::leases};

/// Takes or renews the lease `name` for `seconds`. `false` if another node holds it. A lease that
/// ends later than `seconds` from now came from a fast clock and is ignored.
pub fn take(tx: &mut Tx<'_>, name: &str, holder: Id, seconds: i64) -> Result<bool, Fault> {
    let now = tx.now;
    let row = (leases::name.eq(name), leases::holder.eq(holder), leases::expires_at.eq(now + seconds));
    let inserted =
        on!(tx, |conn| diesel::insert_into(leases::table).values(row).on_conflict_do_nothing().execute(conn))?;
    if inserted == 1 {
        return Ok(true);
    }
    let over = leases::expires_at.le(now).or(leases::expires_at.gt(now + seconds));
    let mine_or_over = leases::holder.eq(holder).or(over);
    let updated = on!(tx, |conn| diesel::update(leases::table.find(name).filter(mine_or_over))
        .set((leases::holder.eq(holder), leases::expires_at.eq(now + seconds)))
        .execute(conn))?;
    Ok(updated == 1)
}

/// Gives up the lease `name`, if `holder` has it.
pub fn release(tx: &mut Tx<'_>, name: &str, holder: Id) -> Result<(), Fault> {
    let held = leases::table.find(name).filter(leases::holder.eq(holder));
    on!(tx, |conn| diesel::delete(held).execute(conn))?;
    Ok(())
}
