"""Leaving: real wishes to end the talk, and answers that merely hold such words."""

import pytest

from sessions.interviewer.leaving import wants_to_leave

WISHES = """\
Let's stop the interview.
Goodbye.
I'm sorry, my daughter is ill and I really have to go now.
Could we continue another time?
I don't want to continue, this is not for me.
I would like to end here, please.
Sorry, my train comes, I have to go now.
I'd like to stop here.
Can we stop?
I want to stop.
Please end the interview.
Okay, I have to leave now. Thank you for your time.
I'm afraid I need to go, my meeting starts in a minute.
Can we stop here, please?
Shall we end this now?
I don't want to do this anymore.
I no longer want to continue.
I'd rather stop at this point.
I can't go on with this.
I think we should stop here.
I'm done with this interview.
I'm withdrawing my application.
I want to withdraw from the process.
Let's call it a day.
That's enough for today.
I've had enough of this.
I'm hanging up now.
Is it possible to end the interview here?
Do you mind if we stop?
How do I end this call?
Sorry my bus is here I have to go now
I have to go to another meeting, sorry.
I have to run, bye.
I gotta go.
We built it with Kafka, and it worked. I'm sorry, but I have to leave now.
I have to catch a train, so I need to leave now.
No, I want to end this conversation.
I am no longer interested in this position.
Thanks, bye.
Bye bye.
Could we reschedule this?
I'm sorry, could we please finish here? I don't feel well.
I'm not feeling well, I'd like to stop.
Please stop asking me questions.
I don't feel like talking any more.
Let's end it here.
I must go.
Honestly, I'd prefer to stop here.
If you don't mind, I'd like to end the call now.
I will end it here. Thank you.
I have to leave early today because my son is ill.
My phone battery is dying, I need to hang up.
I really don't want to go on.
Look, I want to quit this interview.
I have an appointment, can we stop now?
Okay, let's stop here.
I'm leaving now.
I want to go.
"""

ANSWERS = """\
I wanted to leave the company.
I want to leave my current company because there is no growth.
I had to leave the company after the merger.
I have to go to the office twice a week.
We decided to stop here and start again from scratch.
I told my boss, I want to leave now.
My manager said, "I have to go now", and left me alone with the customer.
They said let's stop here and ship it.
When the build breaks, I have to stop now and look at it.
I said goodbye to the old system with some regret.
Every morning I have to go to a meeting.
I'd like to stop working with legacy code.
I want to end the dependency on that vendor.
I have to go into more detail here: the cache was stale.
It was another day, and the server was down again.
We had to reschedule the release twice.
I withdrew my proposal after the discussion.
I would like to leave a good impression at the next company.
I don't want to go on call every week.
I do not want to continue in sales.
I'm not interested in management.
That's it from me.
That's all for me.
No more questions came from the customer.
I'm done with the migration, and now I tune the queries.
When I am done, I write the tests.
We are done when the tests pass.
I want to go deeper into machine learning.
I need to go back to my notes for that.
I want to leave it there, that is the whole story.
Once a customer wanted to end the contract, and I called him.
I want to finish my degree first.
I have to stop the service before I can migrate.
Could we stop the deployment? That is what I asked the team.
I thought, I have to go now, but then I stayed until the server was up.
I would end the call politely if a customer shouted at me.
If a customer shouts, I end the call.
I asked the team whether we should stop here.
You have to stop at some point and ship.
I want to stop guessing and start measuring.
I was going to leave, and then they made me team lead.
I've got to run the tests before each release.
I have to run a team of six people.
I need to leave room for errors in the schedule.
I want to quit smoking, that is my weakness.
My notice period ends in May, and I can leave earlier.
I can't go on holiday during the release.
I can't stay calm when people are unfair.
She said she had to go, bye, and hung up on the customer.
I had to drop the table.
We should stop using that library.
I think we should stop the project and I said so.
I'll leave the details out.
I'd like to end with an example from last year.
I want to go abroad for a year.
I have to go through the logs first.
I have to leave the house at six to be at work.
I had enough of this kind of work, so I changed to data.
People were leaving, and I wanted to go, too.
Then I tell the customer that I have to go now because another call waits.
It depends: I'd rather stop the line than ship a fault.
Not this time. Another time we had a flood in the data center.
I would finish the call with a summary.
The process was to stop, end the session, and start a new one.
"""


@pytest.mark.parametrize("said", WISHES.splitlines())
def test_a_wish_to_end_the_talk_is_one(said: str) -> None:
    assert wants_to_leave(said)


@pytest.mark.parametrize("said", ANSWERS.splitlines())
def test_an_answer_that_holds_words_of_leaving_is_no_wish(said: str) -> None:
    assert not wants_to_leave(said)
