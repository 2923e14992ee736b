{# Whether an account that once paid does not any more: not while its renewal is pending, paused or unpaid. #}
{% macro is_churned(billing) -%}
    coalesce(
        {{ billing }}.first_paid_on is not null
        and not {{ billing }}.is_paying
        and not {{ billing }}.is_renewal_pending
        and {{ billing }}.billing_status not in ('paused', 'unpaid', 'trialing'),
        false
    )
{%- endmacro %}
