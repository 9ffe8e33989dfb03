//! What storage promises, the same on SQLite and PostgreSQL, in a folder and in an object store.
//!
//! Every promise about metadata is a function of a fresh database. On `SQLite` each is a test of
//! its own; on PostgreSQL one test runs them all, each in a database of one private server. That
//! server is started by the test, or `CLOAKROOM_TEST_POSTGRES` names one:
//! `postgres://user@host/` with the right to create databases.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test helper may panic")]

mod app_contract;
mod blob_contract;
mod delegated_key_contract;
mod feed_contract;
#[cfg(target_os = "linux")]
mod full_disk;
mod group_contract;
mod idempotency_contract;
mod ledger_contract;
mod media_contract;
mod message_contract;
mod node_contract;
mod object_store;
mod observed_contract;
mod postgres;
mod receipt_contract;
mod retention_contract;
mod secret_contract;
mod socket_contract;
mod sqlite;
mod upload_contract;
mod user_contract;
mod view_contract;
mod webhook_contract;
mod world;

macro_rules! metadata_contract {
    ($($module:ident { $($promise:ident)* })*) => {
        mod on_sqlite {
            $($(
                #[tokio::test]
                async fn $promise() {
                    let (_folder, db) = crate::sqlite::fresh().await;
                    crate::$module::$promise(db).await;
                }
            )*)*
        }

        #[tokio::test]
        async fn every_promise_is_kept_on_postgresql() {
            let Some(server) = postgres::Server::start() else { return };
            $($({
                let db = server.fresh().await;
                eprintln!("{}", stringify!($promise));
                crate::$module::$promise(db.clone()).await;
                db.close().await;
            })*)*
        }
    };
}

metadata_contract! {
    app_contract {
        every_statement_fits_the_tables
        an_app_is_found_as_it_was_made
        protection_moves_forward_only_but_for_the_command_line
        settings_are_replaced_as_a_whole
        two_writers_of_settings_keep_each_others
        settings_that_stay_the_same_are_not_written
    }
    delegated_key_contract {
        a_delegated_key_is_in_force_in_its_own_app_until_revoked
        delegated_keys_are_listed_a_page_at_a_time
    }
    feed_contract {
        a_change_row_is_there_if_and_only_if_the_write_committed
        a_generation_is_the_place_of_the_last_revocation_and_never_falls
        an_entry_reads_back_as_the_change_that_was_written
        this_process_hears_of_its_own_commits
        another_handle_hears_of_a_revocation
    }
    group_contract {
        a_member_is_who_joined_and_neither_left_nor_was_banned
        a_deleted_group_has_no_members
        a_private_group_is_listed_to_its_members_alone
        a_block_counts_from_its_first_day
        members_are_listed_by_the_bytes_of_their_names
        many_members_are_added_at_once_and_each_has_an_outcome
        a_group_is_changed_in_parts_and_passed_on_to_members_only
        who_is_kept_out_and_who_is_blocked_is_listed
    }
    idempotency_contract {
        of_attempts_at_one_call_one_does_it_and_the_others_get_its_answer
        a_lost_lease_and_an_old_answer_make_room
        of_many_attempts_at_once_one_wins
    }
    media_contract {
        a_file_reads_back_with_its_versions
        a_carrier_is_a_message_that_stands
        a_file_that_was_taken_back_is_carried_no_more
        bytes_expire_only_when_nobody_could_read_them_for_long_enough
        an_edit_takes_files_off_and_puts_others_on
        files_are_listed_by_key_and_filter
        what_an_app_stores_is_counted_as_it_comes_and_goes
    }
    message_contract {
        a_message_sent_twice_under_one_name_is_one
        a_page_holds_one_conversation_in_order
        two_conversations_whose_names_join_alike_stay_apart
        history_before_joining_is_hidden_where_the_group_says_so
        conversations_show_the_last_message_that_stands
        a_failed_send_leaves_nothing_behind
    }
    node_contract {
        a_lease_counts_by_the_database_and_never_moves_back
        a_job_is_leased_to_one_owner_until_the_lease_ends
    }
    receipt_contract {
        a_receipt_is_open_until_it_is_applied_and_then_stays
        a_receipt_of_what_was_so_before_names_the_head
    }
    observed_contract {
        what_was_observed_adds_up_and_is_bounded
    }
    secret_contract {
        an_api_key_opens_its_own_app_until_revoked
        a_rotated_key_goes_on_for_its_grace_and_no_longer
        all_sessions_of_a_user_end_at_once_and_are_listed_by_key
        a_signing_key_signs_then_verifies_then_neither
        an_operator_stays_logged_in_until_the_password_changes
        a_session_lives_until_it_ends_or_expires
    }
    socket_contract {
        a_ticket_opens_one_socket_and_is_forgotten_after_its_end
        a_mark_moves_forward_only_and_tells_the_feed
        unread_is_what_others_said_after_the_mark
        the_last_message_of_a_conversation_stands_and_is_visible
    }
    user_contract {
        a_user_is_made_once_even_after_deletion
        a_deactivated_user_comes_back_without_what_was_taken
        two_who_change_a_profile_keep_each_others
        users_are_found_by_state_and_by_part_of_a_name
        deleting_a_user_ends_sessions_leaves_groups_and_spares_files_if_told
    }
    webhook_contract {
        an_act_and_its_event_are_written_together
        a_delivery_is_leased_to_one_owner_and_settled_by_it
        dead_deliveries_are_listed_replayed_and_pruned
        a_secret_signs_beside_the_one_before_it_for_a_while
        a_file_beyond_the_quota_is_not_kept
    }
    retention_contract {
        a_message_is_due_once_every_receiver_looked
        a_message_with_files_is_due_by_its_age_and_type
    }
    upload_contract {
        a_carried_file_outlives_its_upload
        a_finished_upload_is_a_file_once
        a_refused_file_says_why_and_its_bytes_go
        an_announced_upload_takes_its_room_and_an_uploader_has_few
        announcements_that_come_at_once_do_not_pass_the_bounds_together
        parts_go_on_where_the_last_ended_and_nowhere_else
        the_secret_of_a_form_is_for_one_upload
        what_never_came_and_what_was_never_sent_is_over
    }
    view_contract {
        a_view_lasts_ten_minutes_and_there_are_no_more_than_were_given
        a_url_is_forgotten_only_after_its_end
    }
}
